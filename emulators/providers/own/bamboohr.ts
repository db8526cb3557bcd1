import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";

const person = (firstName: string, lastName: string, workEmail: string, jobTitle: string) => ({
  ...{ displayName: `${firstName} ${lastName}`, firstName, lastName, jobTitle, workEmail, department: "Engineering" },
  ...{
    workPhone: "+1 555 000 6001",
    mobilePhone: null,
    location: "Berlin",
    division: "Acme Inc",
    hireDate: "2024-01-08",
  },
});
const fields = ["displayName", "firstName", "lastName", "jobTitle", "workPhone", "mobilePhone", "workEmail"];
const listed = [...fields, "department", "location", "division"];

/** BambooHR: the directory, and reading and adding employees. */
export const bamboohr: OwnService = {
  name: "bamboohr",
  seed: {
    employees: [
      person("Ada", "Lovelace", "ada@acme.test", "Engineer"),
      person("Grace", "Hopper", "grace@acme.test", "Rear admiral"),
    ],
  },
  answer({ request: { method }, sent, host, path }, account, records) {
    const match = /^\/api\/gateway\.php\/[^/]+\/v1\/employees(?:\/([^/]+))?\/?$/.exec(path);
    if (host !== "api.bamboohr.com" || !match) return null;
    const id = match[1];
    const all = records.list("bamboohr", account, "employees");
    const pick = (one: Record<string, unknown>, names: string[]) =>
      Object.fromEntries(["id", ...names].map((name) => [name, one[name] ?? null]));
    if (method === "GET" && id === "directory")
      return json({
        fields: listed.map((name) => ({ id: name, type: "text", name })),
        employees: all.map((one) => pick(one, listed)),
      });
    if (method === "POST" && !id) {
      const body = isRecord(sent.body) ? sent.body : {};
      // As it is really: an empty body, and the reason in a header.
      if (typeof body.firstName !== "string" || typeof body.lastName !== "string")
        return new Response(null, {
          status: 400,
          headers: { "x-bamboohr-error-message": "firstName and lastName are required" },
        });
      const displayName = `${body.firstName} ${body.lastName}`;
      const made = records.add("bamboohr", account, "employees", { displayName, ...body });
      const location = `https://${host}${path.replace(/\/?$/, "")}/${made.id}`;
      return new Response(null, { status: 201, headers: { location } });
    }
    const one = all.find((each) => each.id === id);
    if (!one) return new Response(null, { status: 404 });
    return method === "GET" ? json(pick(one, (sent.params.fields ?? fields.join(",")).split(","))) : null;
  },
};
