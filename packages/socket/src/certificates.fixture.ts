import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** An authority that vouches for whom it is told to. */
export interface Authority {
  readonly ca: string
  /** A certificate for DNS names and IPv4 addresses. */
  issue(...names: readonly string[]): Identity
}

const OIDS = {
  ecdsaWithSha256: "06082a8648ce3d040302",
  commonName: "0603550403",
  basicConstraints: "0603551d13",
  subjectAltName: "0603551d11",
}

/** Makes an authority of its own: Node makes keys and signatures, but no certificates. Source: RFC 5280, X.690. */
export function makeAuthority(name = "warmpool test authority"): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
  const isAuthority = extension(OIDS.basicConstraints, sequence(Buffer.from("0101ff", "hex")))
  const ca = certificate({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    extensions: [isAuthority],
  })
  return {
    ca,
    issue(...names) {
      const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
      const alternatives = extension(OIDS.subjectAltName, sequence(...names.map(generalName)))
      const subject = names[0] ?? "nobody"
      const cert = certificate({
        subject,
        issuer: name,
        publicKey: pair.publicKey,
        signer: privateKey,
        extensions: [alternatives],
      })
      return { cert, key: String(pair.privateKey.export({ type: "pkcs8", format: "pem" })) }
    },
  }
}

interface Plan {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
}

function certificate({ subject, issuer, publicKey, signer, extensions }: Plan): string {
  const algorithm = sequence(Buffer.from(OIDS.ecdsaWithSha256, "hex"))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer),
    sequence(utcTime(Date.now() - 86_400_000), utcTime(Date.now() + 86_400_000)),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign("sha256", body, signer)
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`
}

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(Buffer.from(OIDS.commonName, "hex"), der(0x0c, Buffer.from(name)))))
}

function generalName(name: string): Buffer {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name)
  return isAddress ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name))
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(Buffer.from(oid, "hex"), der(0x04, value))
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), content])
  const digits = length < 256 ? [length] : [length >> 8, length & 255]
  return Buffer.concat([Buffer.of(tag, 128 + digits.length, ...digits), content])
}
