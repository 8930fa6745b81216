// Writes src/api/schema.gen.ts from api/openapi.yaml: one exported type for each schema. It knows what that document uses
// and fails on what it does not know, so that nothing becomes `unknown` in silence.
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const source = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));
const target = fileURLToPath(new URL('../src/api/schema.gen.ts', import.meta.url));

const name_of = (ref) => {
  const found = /^#\/components\/schemas\/(\w+)$/.exec(ref);
  if (!found) throw new Error(`a reference that is no schema: ${ref}`);
  return found[1];
};

const member_name = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function comment(schema, indent) {
  const text = schema.description?.trim().replaceAll('*/', '* /');
  return text ? `${indent}/** ${text.split('\n').map((line) => line.trim()).join(' ')} */\n` : '';
}

function object_type(schema, indent) {
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  let out = '';
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    out += comment(member, inner);
    out += `${inner}${member_name(name)}${required.has(name) ? '' : '?'}: ${type_of(member, inner)};\n`;
  }
  const more = schema.additionalProperties;
  if (!schema.properties) {
    if (more === false) return 'Record<string, never>';
    return `{ [name: string]: ${more && more !== true ? type_of(more, indent) : "unknown"} }`;
  }
  if (more && more !== true) out += `${inner}[name: string]: unknown;\n`;
  return `{\n${out}${indent}}`;
}

function plain_type(type, schema, indent) {
  switch (type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return schema.items ? `Array<${type_of(schema.items, indent)}>` : 'unknown[]';
    case 'object':
      return object_type(schema, indent);
    default:
      throw new Error(`a type that is not known: ${JSON.stringify(schema)}`);
  }
}

function type_of(schema, indent) {
  if (schema === true || Object.keys(schema).every((key) => key === 'description')) return 'unknown';
  if (schema.$ref) return name_of(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map((one) => type_of(one, indent)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => type_of(one, indent)).join(' & ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? (schema.properties ? 'object' : undefined)];
  return types.map((type) => plain_type(type, schema, indent)).join(' | ');
}

const schemas = parse(readFileSync(source, 'utf8'), { merge: true, maxAliasCount: -1, uniqueKeys: false }).components.schemas;
let text = '// Made from api/openapi.yaml by tools/generate_types.mjs.\n';
for (const [name, schema] of Object.entries(schemas)) {
  text += `\n${comment(schema, '')}export type ${name} = ${type_of(schema, '')};\n`;
}
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
