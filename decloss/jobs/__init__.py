"""Background finetunes: each has settings, a directory and a trainer process, and all wait in one queue.

settings    what a job does, and the command that does the same elsewhere
record      what is written down of a job
directory   a job on disk: everything that is known of it, and its state
folder      all jobs of a data directory
photos      the photos that it trains on
train       training a job
trainer     the process that does; it ends when its input does
supervisor  starts that process and minds it
worker      takes jobs from the line and has them supervised: in the app, or alone on any machine
lease       until when a worker may train a job
line        who waits and who trains what, in SQLite's memory or in PostgreSQL
tables      its tables
membership  what pages and workers agree on: version and folder
queue       who may begin a finetune, and what comes before it
forecast    how long that takes
result      what turns a run into a checkpoint
causes      why a trainer ended, in a sentence
estimate    what a finetune will cost, measured
zerogpu     training in slices, on a GPU that is lent for a minute at a time
hub         the same on a machine that is rented at Hugging Face, and results that go to the Hub
"""
