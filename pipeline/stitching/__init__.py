"""The stitch use case: a batch of mail in, mail and changed rows out, for any broker and store."""
