"""Who an event belongs to: identifiers, links, owners, and the mailbox protocol that computes it."""
