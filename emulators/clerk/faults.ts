import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer in Clerk's error form. Thrown anywhere below a route, turned into the response in one place. */
export class ClerkError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly longMessage = message,
    /** The form field that the message belongs to. */
    readonly field: string | null = null,
  ) {
    super(message);
  }

  body() {
    return {
      errors: [
        {
          code: this.code,
          message: this.message,
          long_message: this.longMessage,
          meta: this.field ? { param_name: this.field } : {},
        },
      ],
    };
  }
}

export function notFound(what: string): ClerkError {
  return new ClerkError(404, "resource_not_found", "Resource not found", `No ${what} was found with that id.`);
}

export function fieldMissing(field: string): ClerkError {
  return new ClerkError(422, "form_param_nil", `${field} is missing`, "Enter a value.", field);
}

export function fieldWrong(field: string, code: string, message: string): ClerkError {
  return new ClerkError(422, code, message, message, field);
}

export function signedOut(): ClerkError {
  return new ClerkError(401, "authentication_invalid", "Invalid authentication", "You are not signed in.");
}

export function forbidden(): ClerkError {
  return new ClerkError(
    403,
    "missing_permission",
    "Missing permission",
    "You do not have the permission that this needs in this organisation.",
  );
}
