"""The staff's desk: reads and answers what casework/ holds; its answers leave by the same outbox."""
