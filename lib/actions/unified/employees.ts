import "server-only";
import { z } from "zod";
import type { EmployeeInput } from "@/lib/api/unified-request";
import type { Employee } from "@/lib/api/unified-views";
import { AppError } from "@/lib/errors";
import { type Adapter, path, senseless, unknownThere, withQuery } from "./adapter";
import { fullName, identity, maybeText } from "./reading";

/** Employees, of BambooHR. */

const DIRECTORY = "/v1/employees/directory";
const fields =
  "firstName,lastName,displayName,workEmail,homeEmail,workPhone,mobilePhone,jobTitle,department,location,employeeNumber,hireDate";

const recordSchema = z.looseObject({
  id: identity,
  firstName: maybeText,
  lastName: maybeText,
  displayName: maybeText,
  workEmail: maybeText,
  homeEmail: maybeText,
  workPhone: maybeText,
  mobilePhone: maybeText,
  jobTitle: maybeText,
  department: maybeText,
  location: maybeText,
  employeeNumber: maybeText,
  hireDate: maybeText,
});

const directorySchema = z.object({ employees: z.array(z.unknown()) });

function toEmployee(raw: unknown): Employee {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("BambooHR: an employee without an id");
  return {
    id: data.id,
    firstName: data.firstName,
    lastName: data.lastName,
    name: data.displayName ?? fullName(data.firstName, data.lastName),
    workEmail: data.workEmail,
    personalEmail: data.homeEmail,
    phone: data.workPhone ?? data.mobilePhone,
    jobTitle: data.jobTitle,
    department: data.department,
    location: data.location,
    employeeNumber: data.employeeNumber,
    // What is not known reads as a day that never was.
    hireDate: data.hireDate === "0000-00-00" ? null : data.hireDate,
    raw,
  };
}

function directoryOf(answer: unknown): unknown[] {
  const { success, data } = directorySchema.safeParse(answer);
  if (!success) throw senseless("BambooHR: a directory without employees");
  return data.employees;
}

export const employees: Record<string, Adapter<Employee, EmployeeInput>> = {
  bamboohr: {
    // The directory comes whole; the cursor is a place in it.
    list: async (ask, { limit, cursor = "0" }) => {
      if (!/^[0-9]{1,6}$/.test(cursor)) throw new AppError("invalid_request");
      const all = directoryOf(await ask({ method: "GET", endpoint: DIRECTORY }));
      const end = Number(cursor) + limit;
      return {
        items: all.slice(Number(cursor), end).map(toEmployee),
        nextCursor: end < all.length ? String(end) : null,
      };
    },
    get: async (ask, id) => {
      // 0 is whoever the key belongs to.
      if (!/^[1-9][0-9]{0,17}$/.test(id)) throw unknownThere();
      return toEmployee(await ask({ method: "GET", endpoint: withQuery(path`/v1/employees/${id}`, { fields }) }));
    },
    create: async (ask, input) => {
      const { firstName, lastName, workEmail, personalEmail, phone, jobTitle, department, location } = input;
      const record = {
        ...{
          firstName,
          lastName,
          workEmail,
          homeEmail: personalEmail,
          workPhone: phone,
          jobTitle,
          department,
          location,
        },
        ...{ employeeNumber: input.employeeNumber, hireDate: input.hireDate },
      };
      const answer = await ask({ method: "POST", endpoint: "/v1/employees", body: record });
      // The new id is in a header alone, which Nango's proxy keeps to itself.
      return { ...toEmployee({ id: "0", ...record }), id: null, raw: answer };
    },
  },
};
