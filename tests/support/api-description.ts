/**
 * The API's description as its readers see it: looked up by address, its schemas compiled by a validator that knows
 * nothing of ours.
 */
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";

type Schema = { [key: string]: unknown };
type Content = { headers?: Record<string, unknown>; content?: { "application/json"?: { schema: Schema } } };
type DescribedCall = {
  operationId: string;
  summary: string;
  security: Record<string, string[]>[];
  parameters: { $ref?: string; name: string; in: "path" | "query" | "header"; required: boolean; schema: Schema }[];
  requestBody?: { required: boolean } & Content;
  responses: Record<string, ({ $ref?: string } & Content) | undefined>;
};
export type Description = {
  openapi: string;
  paths: Record<string, Record<string, DescribedCall>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Content> } & Record<string, Schema>;
};

/** What a `#/…` reference stands for. @throws when there is no such thing */
export function resolve(description: Description, ref: string): unknown {
  const parts = ref.split("/").slice(1);
  let value: unknown = description;
  for (const part of parts) value = (value as Schema | undefined)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  if (value === undefined) throw new Error(`${ref} is nothing`);
  return value;
}

export function checkerOf(description: Description) {
  const validator = new AjvJsonSchemaValidator();
  // Answers may get fields; here, those that are not described are mistakes.
  const components = structuredClone(description.components);
  const error = components.schemas.Error as { properties?: { error?: Schema } } | undefined;
  if (error?.properties?.error) error.properties.error.additionalProperties = false;
  const compiled = new Map<string, (value: unknown) => { errorMessage?: string | undefined }>();
  const check = (name: string, schema: Schema, value: unknown): string | null => {
    const known = compiled.get(name) ?? validator.getValidator({ ...schema, components } as never);
    compiled.set(name, known);
    return known(value).errorMessage ?? null;
  };
  const callOf = (method: string, path: string) => description.paths[path]?.[method.toLowerCase()];
  const responseOf = (method: string, path: string, status: number): Content | undefined => {
    const found = callOf(method, path)?.responses[String(status)];
    return found?.$ref ? (resolve(description, found.$ref) as Content) : found;
  };
  return {
    callOf,
    /** The headers of an answer that are described, in lower case. */
    headers: (method: string, path: string, status: number): string[] =>
      Object.keys(responseOf(method, path, status)?.headers ?? {}).map((name) => name.toLowerCase()),
    /** Why an answer is not what the description says; null when it is. */
    answer(method: string, path: string, status: number, json: unknown): string | null {
      const response = responseOf(method, path, status);
      if (!response) return `${status} is not described`;
      const schema = response.content?.["application/json"]?.schema;
      return schema ? check(`${method} ${path} ${status}`, schema, json) : "nothing is described as its body";
    },
    /** Why a body is not what the description wants; null when it is. */
    body(method: string, path: string, json: unknown): string | null {
      const schema = callOf(method, path)?.requestBody?.content?.["application/json"]?.schema;
      return schema ? check(`${method} ${path} body`, schema, json) : "no body is described";
    },
  };
}
