import type { RedisOptions } from "ioredis"

/**
 * ioredis opens the socket and no more: it neither retries, reconnects, resends nor queues, and says nothing of its
 * own. Its handshake is not used because it goes on in database 0 when SELECT is refused, and prints to the console
 * when AUTH is (`connectHandler`, `handleAuthError` in its event_handler.js).
 */
export const PASSIVE = {
  lazyConnect: true,
  protocol: 2 as const,
  replyMapping: "legacy" as const,
  retryStrategy: null,
  reconnectOnError: null,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  disableClientInfo: true,
  monitor: false,
  connectTimeout: 0,
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
  himportFieldsets: undefined,
  scripts: undefined,
  username: undefined,
  password: undefined,
  db: 0,
  connectionName: undefined,
} satisfies RedisOptions
