"""The HTTP collector: takes events from browsers, apps and servers, and passes them to their topics."""
