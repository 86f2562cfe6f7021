import type { ByteStream, StreamEvents } from "@warmpool/core/resp"

/**
 * Opens a stream. `open` is called at the moment it stands, and what it gives is told everything from then on; the
 * promise resolves with it.
 *
 * @throws ConnectionError when there is no way to the server, or the signal aborts; the socket is gone then.
 */
export type Dial = <E extends StreamEvents>(
  signal: AbortSignal,
  open: (stream: ByteStream) => E,
) => Promise<E>
