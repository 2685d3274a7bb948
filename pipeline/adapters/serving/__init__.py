"""What the HTTP servers share."""
