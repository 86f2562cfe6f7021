#!/usr/bin/env node
import process from "node:process"
import { run } from "./program.ts"

const surroundings = {
  env: process.env,
  say: (line: string) => console.log(line),
  warn: (line: string) => console.error(line),
}

void run(process.argv.slice(2), surroundings).then((code) => {
  process.exitCode = code
})
