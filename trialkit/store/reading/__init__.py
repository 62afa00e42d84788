"""Reading: one file a topic, each returning frozen states; nothing here writes or decides."""
