/**
 * Names of commands that are not made into methods. The client has its own way for some: `multi()` and what ends it,
 * subscriptions as async iterables that end themselves, `close()` for QUIT, a handshake of the transport's. There is none
 * for others: MONITOR answers without end, SYNC and its kin turn the connection into a replication stream, and
 * RESTORE-ASKING is internal to the servers of a cluster.
 */
export const OWN_METHODS: ReadonlySet<string> = new Set(
  `multi exec discard subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe quit hello monitor sync psync
  replconf restore-asking`.split(/\s+/),
)
