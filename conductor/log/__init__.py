"""The event log on Redis Streams: keys, connections, the store, blobs, subscriptions, and the embedded server."""
