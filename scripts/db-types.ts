/**
 * Writes lib/db/database.types.ts, the shape of schema public that supabase-js is typed with, from a database that has
 * just been migrated. `npm run db:types` writes it, `npm run db:types -- --check` fails when it is out of date.
 *
 * Uses DATABASE_URL when it is set (any migrated database), otherwise an embedded one of its own.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import postgres from "postgres";
import { bootstrap } from "@/emulators/supabase/bootstrap";
import { startPostgres } from "@/emulators/supabase/postgres-server";
import { migrate } from "@/scripts/migrate";

const target = fileURLToPath(new URL("../lib/db/database.types.ts", import.meta.url));

type Column = {
  relation: string;
  kind: "r" | "v";
  name: string;
  type: string;
  nullable: boolean;
  has_default: boolean;
  always_generated: boolean;
};
type Relationship = {
  name: string;
  relation: string;
  columns: string[];
  target: string;
  target_columns: string[];
  one: boolean;
};
type Routine = {
  name: string;
  argument_names: string[] | null;
  argument_modes: string[] | null;
  argument_types: string[];
  defaults: number;
  returns: string;
  returns_set: boolean;
};

/**
 * The text of the file for the schema public of a database.
 *
 * A column of a function's result may be null unless every column of that name in the tables is declared not null: the
 * catalogue does not say, and this is the safe reading.
 */
export async function databaseTypes(databaseUrl: string): Promise<string> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const columns = await sql<Column[]>`
      select c.relname as relation, c.relkind as kind, a.attname as name, format_type(a.atttypid, null) as type,
        not a.attnotnull as nullable, a.atthasdef or a.attidentity <> '' as has_default,
        a.attidentity = 'a' or a.attgenerated <> '' as always_generated
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
      order by c.relname collate "C", a.attname collate "C"`;
    const relationships = await sql<Relationship[]>`
      select k.conname as name, c.relname as relation, t.relname as target,
        (select array_agg(attname::text order by n) from unnest(k.conkey) with ordinality as u (num, n)
          join pg_attribute on attrelid = k.conrelid and attnum = num) as columns,
        (select array_agg(attname::text order by n) from unnest(k.confkey) with ordinality as u (num, n)
          join pg_attribute on attrelid = k.confrelid and attnum = num) as target_columns,
        exists (select 1 from pg_index i where i.indrelid = k.conrelid and i.indisunique and i.indpred is null
          and i.indkey::int2[] <@ k.conkey and k.conkey <@ i.indkey::int2[]) as one
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class t on t.oid = k.confrelid
      where k.contype = 'f' and c.relnamespace = 'public'::regnamespace order by c.relname collate "C", k.conname collate "C"`;
    const routines = await sql<Routine[]>`
      select proname as name, proargnames as argument_names, proargmodes::text[] as argument_modes,
        (select array_agg(format_type(t, null) order by n)
          from unnest(coalesce(proallargtypes, proargtypes::oid[])) with ordinality as u (t, n)) as argument_types,
        pronargdefaults as defaults, format_type(prorettype, null) as returns, proretset as returns_set
      from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f' and prorettype <> 'trigger'::regtype
      order by proname collate "C"`;
    return render(columns, relationships, routines);
  } finally {
    await sql.end();
  }
}

function render(columns: Column[], relationships: Relationship[], routines: Routine[]): string {
  const relations = (kind: "r" | "v") => [...new Set(columns.filter((c) => c.kind === kind).map((c) => c.relation))];
  const lines = [
    "// Written by scripts/db-types.ts from the migrations. Do not edit.",
    "",
    "export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];",
    "",
    "export type Database = {",
    "  public: {",
    "    Tables: {",
    ...relations("r").flatMap((name) => table(name, columns, relationships)),
    "    };",
    ...section(
      "Views",
      relations("v").flatMap((name) => view(name, columns)),
    ),
    ...section(
      "Functions",
      routines.flatMap((routine) => fn(routine, columns)),
    ),
    "    Enums: Record<never, never>;",
    "    CompositeTypes: Record<never, never>;",
    "  };",
    "};",
    "",
  ];
  return lines.join("\n");
}

function section(name: string, content: string[]): string[] {
  return content.length ? [`    ${name}: {`, ...content, "    };"] : [`    ${name}: Record<never, never>;`];
}

function table(name: string, columns: Column[], relationships: Relationship[]): string[] {
  const own = columns.filter((column) => column.relation === name);
  const write = (column: Column, required: boolean) =>
    column.always_generated
      ? `          ${column.name}?: never;`
      : `          ${column.name}${required ? "" : "?"}: ${orNull(column.type, column.nullable)};`;
  return [
    `      ${name}: {`,
    "        Row: {",
    ...own.map((column) => `          ${column.name}: ${orNull(column.type, column.nullable)};`),
    "        };",
    "        Insert: {",
    ...own.map((column) => write(column, !column.nullable && !column.has_default)),
    "        };",
    "        Update: {",
    ...own.map((column) => write(column, false)),
    "        };",
    "        Relationships: [",
    ...relationships
      .filter((relationship) => relationship.relation === name)
      .flatMap((relationship) => [
        "          {",
        `            foreignKeyName: "${relationship.name}";`,
        `            columns: [${relationship.columns.map((column) => `"${column}"`).join(", ")}];`,
        `            isOneToOne: ${relationship.one};`,
        `            referencedRelation: "${relationship.target}";`,
        `            referencedColumns: [${relationship.target_columns.map((column) => `"${column}"`).join(", ")}];`,
        "          },",
      ]),
    "        ];",
    "      };",
  ];
}

function view(name: string, columns: Column[]): string[] {
  const own = columns.filter((column) => column.relation === name);
  const row = own.map((column) => `          ${column.name}: ${orNull(column.type, true)};`);
  return [`      ${name}: {`, "        Row: {", ...row, "        };", "        Relationships: [];", "      };"];
}

function fn(routine: Routine, columns: Column[]): string[] {
  const all = routine.argument_types?.map((type, index) => ({
    name: routine.argument_names?.[index] ?? `arg${index + 1}`,
    mode: routine.argument_modes?.[index] ?? "i",
    type,
  }));
  const inputs = all?.filter(({ mode }) => mode === "i" || mode === "b") ?? [];
  const outputs = all?.filter(({ mode }) => mode === "t" || mode === "o") ?? [];
  const firstDefault = inputs.length - routine.defaults;
  const args = inputs.map(
    ({ name, type }, index) => `          ${name}${index >= firstDefault ? "?" : ""}: ${typescript(type)};`,
  );
  const set = routine.returns_set ? "[]" : "";
  const neverNull = (name: string) => {
    const same = columns.filter((column) => column.kind === "r" && column.name === name);
    return same.length > 0 && same.every((column) => !column.nullable);
  };
  const returns = outputs.length
    ? [
        "        Returns: {",
        ...outputs.map(({ name, type }) => `          ${name}: ${orNull(type, !neverNull(name))};`),
        `        }${set};`,
      ]
    : [`        Returns: ${typescript(routine.returns)}${set};`];
  return [
    `      ${routine.name}: {`,
    ...(args.length ? ["        Args: {", ...args, "        };"] : ["        Args: never;"]),
    ...returns,
    "      };",
  ];
}

const orNull = (type: string, nullable: boolean) => `${typescript(type)}${nullable ? " | null" : ""}`;

/** What PostgREST's JSON gives for a type. */
function typescript(type: string): string {
  if (type.endsWith("[]")) return `${typescript(type.slice(0, -2))}[]`;
  if (["smallint", "integer", "bigint", "real", "double precision", "numeric"].includes(type)) return "number";
  if (type === "boolean") return "boolean";
  if (type === "json" || type === "jsonb") return "Json";
  if (type === "void") return "undefined";
  return "string";
}

/** The text for the migrations as they are now, by way of a database that lives for this call. */
export async function typesOfMigrations(): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), "patchbay-types-"));
  // Postgres runs under an account of its own when we are root, and has to get in.
  await chmod(stateDir, 0o711);
  const server = await startPostgres({ stateDir });
  try {
    await bootstrap(server.url("supabase_admin"), server.password);
    await migrate(server.url("postgres"));
    return await databaseTypes(server.url("postgres"));
  } finally {
    await server.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.DATABASE_URL;
  const text = url ? await databaseTypes(url) : await typesOfMigrations();
  const known = await readFile(target, "utf8").catch(() => "");
  if (process.argv.includes("--check")) {
    if (known !== text) {
      console.error("lib/db/database.types.ts is out of date. Run npm run db:types.");
      process.exit(1);
    }
    console.log("lib/db/database.types.ts is current.");
  } else {
    await writeFile(target, text);
    console.log(known === text ? "Nothing changed." : "Wrote lib/db/database.types.ts.");
  }
}
