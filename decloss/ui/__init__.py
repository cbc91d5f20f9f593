"""The app: the only place that imports gradio. One file a tab, one that composes them."""
