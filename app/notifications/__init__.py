"""What is waiting to be sent to somebody, and the channels it goes out by."""
