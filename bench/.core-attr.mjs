import { build, transform } from "esbuild"
import { gzipSync } from "node:zlib"
const [,, code, cond="workerd"] = process.argv
const r = await build({ stdin:{contents:code,resolveDir:"/work/main/suite",loader:"ts"}, bundle:true, minifyIdentifiers:true, minifySyntax:true, format:"esm", write:false, conditions:[cond], platform: cond==="node"?"node":"neutral", mainFields:["module","main"], external:["cloudflare:*","node:*"], target:"es2023"})
const text = r.outputFiles[0].text
const segs=[]; let cur={name:"head",lines:[]}
for (const l of text.split("\n")) { const m=l.match(/^\/\/ (.*\.js|.*stdin.*)$/); if(m){segs.push(cur);cur={name:m[1],lines:[]}} else cur.lines.push(l)}
segs.push(cur)
const min = async (ss)=> (await transform(ss.map(s=>s.lines.join("\n")).join("\n"),{minifyWhitespace:true,format:"esm",target:"es2023"})).code
const gz = s=>gzipSync(s,{level:9}).length
const full = await min(segs); const total=gz(full)
console.log("total",full.length,total)
const rows=[]
for (const s of segs){ if(s.lines.join("").trim()==="")continue; const wo=await min(segs.filter(x=>x!==s)); const own=await min([s]); rows.push([total-gz(wo),own.length,s.name.replace("packages/","")])}
rows.sort((a,b)=>b[0]-a[0])
let sum=0; for(const [g,m,n] of rows){sum+=g;console.log(String(g).padStart(6),String(m).padStart(6),n)}
console.log("sum",sum)
if(process.argv[4]) (await import("node:fs")).writeFileSync(process.argv[4], full)
