import { readSecret } from "./secret.ts"

/** As whom to sign in to the cache, from Secrets Manager. */
export async function readCredentials(): Promise<{ username: string; password: string }> {
  const { username, password } = await readSecret(process.env["REDIS_SECRET_ARN"])
  if (username === undefined || password === undefined) {
    throw new Error("the secret at REDIS_SECRET_ARN must hold username and password")
  }
  return { username, password }
}
