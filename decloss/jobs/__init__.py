"""Background finetunes: each has settings, a directory and a trainer process, and all wait in one queue.

settings    what a job does, and the command that does the same elsewhere
record      what is written down of a job
directory   a job on disk: everything that is known of it, and its state
folder      all jobs of a data directory
photos      the photos that it trains on
trainer     the process that trains; it ends when its input does
supervisor  starts that process and minds it
queue       one job at a time, over restarts and kills (DBOS)
result      what turns a run into a checkpoint
causes      why a trainer ended, in a sentence
estimate    what a finetune will cost, measured
"""
