"""Between the internet and Gradio: what is let in, how much of it, and with which headers answers go out."""
