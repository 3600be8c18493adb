"""Messages in and out: contacts, inbox, outbox, opt-out, segments, providers.

Others use `inbox.receive`, `outbox.queue`, `outbox.deliver` and the models."""
