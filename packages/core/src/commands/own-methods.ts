/** Names of commands that are not made into methods, and why; the client has its own way, or none. */
export const OWN_METHODS: ReadonlyMap<string, string> = new Map([
  ["multi", "gives a transaction; its commands are sent together"],
  ["exec", "ends a pipeline or a transaction"],
  ["discard", "only the end of a transaction that was never sent"],
  ["subscribe", "gives an async iterable on a connection of its own"],
  ["psubscribe", "gives an async iterable on a connection of its own"],
  ["ssubscribe", "gives an async iterable on a connection of its own"],
  ["unsubscribe", "a subscription ends itself"],
  ["punsubscribe", "a subscription ends itself"],
  ["sunsubscribe", "a subscription ends itself"],
  ["quit", "close() ends all connections"],
  ["monitor", "answers without end"],
  ["sync", "turns the connection into a replication stream"],
  ["psync", "turns the connection into a replication stream"],
  ["replconf", "turns the connection into a replication stream"],
  ["hello", "the handshake is the transport's, and replies are RESP2"],
  ["restore-asking", "internal to the servers of a cluster"],
])
