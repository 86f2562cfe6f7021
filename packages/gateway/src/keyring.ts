import type { Grant } from "./grants.ts"

/** Finds what a token may do. */
export class Keyring {
  #grants: readonly Grant[]

  constructor(grants: readonly Grant[]) {
    this.#grants = grants
  }

  /** From now on other tokens count; requests under way go on. */
  replace(grants: readonly Grant[]): void {
    this.#grants = grants
  }

  /** How long it takes depends on the length of what was presented, and on nothing that is secret. */
  find(presented: string): Grant | undefined {
    let found: Grant | undefined
    for (const grant of this.#grants) if (isSame(presented, grant.token)) found = grant
    return found
  }
}

/** Looks at every character of `presented`, also after the first difference. */
function isSame(presented: string, token: string): boolean {
  let difference = presented.length ^ token.length
  for (let i = 0; i < presented.length; i++)
    difference |= presented.charCodeAt(i) ^ token.charCodeAt(i % token.length)
  return difference === 0
}

/** The token of `Authorization: Bearer …`; undefined where the header is another's or missing. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length < 8) return undefined
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ") return undefined
  return authorization.slice(7).trim()
}
