"""The Finetune tab: its form, its view of one finetune, and what happens when something is clicked."""
