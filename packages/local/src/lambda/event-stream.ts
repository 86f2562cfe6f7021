/**
 * One message of `application/vnd.amazon.eventstream`: total length, header length, their CRC, headers, payload, CRC of all.
 * Source: docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
 */
export function encodeEvent(eventType: string, contentType: string, payload: Uint8Array): Buffer {
  const headers = Buffer.concat([
    header(":event-type", eventType),
    header(":content-type", contentType),
    header(":message-type", "event"),
  ])
  const message = Buffer.alloc(16 + headers.length + payload.length)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(headers.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  headers.copy(message, 12)
  message.set(payload, 12 + headers.length)
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4)
  return message
}

// Header values of type 7 are strings.
function header(name: string, value: string): Buffer {
  const bytes = Buffer.alloc(1 + name.length + 1 + 2 + value.length)
  bytes.writeUInt8(name.length, 0)
  bytes.write(name, 1, "latin1")
  bytes.writeUInt8(7, 1 + name.length)
  bytes.writeUInt16BE(value.length, 2 + name.length)
  bytes.write(value, 4 + name.length, "latin1")
  return bytes
}

// node:zlib has had one since 22.2 only.
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0)
  return ~crc >>> 0
}
