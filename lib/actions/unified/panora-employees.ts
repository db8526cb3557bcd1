import "server-only";
import { z } from "zod";
import type { EmployeeInput } from "@/lib/api/unified-request";
import type { Employee } from "@/lib/api/unified-views";
import { type Adapter, noPlaceFor, path, senseless, withQuery } from "./adapter";
import { panoraPage, panoraRecord } from "./panora-page";
import { fullName, identity, maybeText } from "./reading";

const recordSchema = z.looseObject({
  id: identity,
  first_name: maybeText,
  last_name: maybeText,
  display_full_name: maybeText,
  work_email: maybeText,
  personal_email: maybeText,
  mobile_phone_number: maybeText,
  employee_number: maybeText,
  start_date: maybeText,
});

function toEmployee(raw: unknown): Employee {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Panora: an employee without an id");
  return {
    id: data.id,
    firstName: data.first_name,
    lastName: data.last_name,
    name: data.display_full_name ?? fullName(data.first_name, data.last_name),
    workEmail: data.work_email,
    personalEmail: data.personal_email,
    phone: data.mobile_phone_number,
    // Panora keeps these in records of their own.
    jobTitle: null,
    department: null,
    location: null,
    employeeNumber: data.employee_number,
    // A day, though it may come with a time.
    hireDate: data.start_date?.slice(0, 10) ?? null,
    raw,
  };
}

export const panoraEmployees: Adapter<Employee, EmployeeInput> = {
  list: async (ask, { limit, cursor }) =>
    panoraPage(await ask({ method: "GET", endpoint: withQuery("/hris/employees", { limit, cursor }) }), toEmployee),
  get: async (ask, id) => toEmployee(panoraRecord(await ask({ method: "GET", endpoint: path`/hris/employees/${id}` }))),
  create: async (ask, input) => {
    for (const field of ["jobTitle", "department", "location"] as const)
      if (input[field] !== undefined) throw noPlaceFor(field, "Panora");
    const body = {
      first_name: input.firstName,
      last_name: input.lastName,
      work_email: input.workEmail,
      personal_email: input.personalEmail,
      mobile_phone_number: input.phone,
      employee_number: input.employeeNumber,
      start_date: input.hireDate,
    };
    return toEmployee(panoraRecord(await ask({ method: "POST", endpoint: "/hris/employees", body })));
  },
};
