import type { Socket } from "node:net"

/**
 * Closes a socket by RST where it can be: what the kernel still holds is dropped too. A Unix socket and TLS have no
 * reset, and one that is ended already answers a reset with EINVAL; their close drops what Node still holds.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) {
    socket.destroy()
    return
  }
  try {
    socket.resetAndDestroy()
  } catch {
    // No TCP: there is nothing to reset.
  }
  // By itself a reset waits until everything was written, which a peer that is stopped never lets happen.
  socket.destroy()
}
