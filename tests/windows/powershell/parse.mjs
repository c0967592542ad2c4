// node parse.mjs FILE...: JSON, for each file as tree-sitter-powershell sees it: faults (line:column text), and in their order the commands (name, words) and
// hash tables (keys). The packages are looked for below the current folder.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { Language, Parser } = require("web-tree-sitter");
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm")));

function visit(node, found) {
  if (node.isError || node.isMissing) {
    found.faults.push(`${node.startPosition.row + 1}:${node.startPosition.column + 1} ${node.text.slice(0, 60)}`);
  }
  if (node.type === "command") {
    const name = node.childForFieldName("command_name");
    const words = node.namedChildren.filter((one) => one.id !== name?.id).flatMap((one) => one.text.split(/\s+/));
    found.events.push({ command: name ? name.text : "", words });
  }
  if (node.type === "hash_literal_expression") {
    const keys = node.descendantsOfType("key_expression").map((one) => one.text);
    found.events.push({ keys });
  }
  for (const child of node.children) visit(child, found);
}

const all = {};
for (const file of process.argv.slice(2)) {
  const found = { faults: [], events: [] };
  visit(parser.parse(readFileSync(file, "utf8")).rootNode, found);
  all[file] = found;
}
console.log(JSON.stringify(all));
