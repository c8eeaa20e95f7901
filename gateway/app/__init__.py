"""The shell: clock, loops, timers, worker processes, and the tables that wire everything."""
