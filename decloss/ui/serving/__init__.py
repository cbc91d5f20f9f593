"""How the page is served: limits, safety, and everything that touches Gradio's insides."""
