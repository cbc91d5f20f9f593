"""The server around the page: its limits, its safety, and everything that touches Gradio's insides."""
