"""For those who teach: the button that copies a link, links with ``?view=``, and the tour."""
