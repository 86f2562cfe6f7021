/** What came back: a body of RESP2 is bytes, any other is text. */
export interface Answer {
  readonly status: number
  /** A header by its name in small letters. */
  header(name: string): string | null | undefined
  readonly body: string | Uint8Array
}

/** What one request carries. */
export interface Message {
  readonly headers: Record<string, string>
  readonly body: string
}

/** The way requests take to the server. */
export interface Line {
  /**
   * Sends one POST, at once. Rejects if no whole answer came: with a `ConnectionError` if nothing of the request can
   * have reached the server, one without a fate if trying again is of no use.
   */
  post(path: string, message: Message, signal: AbortSignal): Promise<Answer>
  /** Lets go of what is kept open. */
  readonly close?: () => void
}

/** Whether a body is RESP2, by its content type. */
export function isResp(contentType: string | null | undefined): boolean {
  return Boolean(contentType?.startsWith("application/octet-stream"))
}
