"""The app is the only place that imports gradio; each tab has a folder, and ``interface.py`` composes them."""
