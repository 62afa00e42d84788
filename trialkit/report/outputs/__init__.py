"""From one result to its tables and figures; one file a kind, and a plain one for kinds not known here."""
