import { twilioAccount } from "../accounts";
import type { GateService } from "../gate-service";
import { json } from "../wire";

/** Twilio: `emulate` checks AccountSid:AuthToken itself; the gate adds revocation, faults and the log. */
export function twilioService(): GateService {
  return {
    name: "twilio",
    title: "Twilio",
    host: "api.twilio.com",
    accounts: [],
    seed: {
      tokens: {},
      twilio: {
        account: {
          sid: twilioAccount.accountSid,
          auth_token: twilioAccount.authToken,
          friendly_name: twilioAccount.name,
        },
        phone_numbers: [{ phone_number: twilioAccount.phoneNumber, friendly_name: "Acme main line" }],
      },
    },
    signIn: null,
    internalToken: null,
    refuse: () =>
      json(
        { code: 20003, message: "Authenticate", more_info: "https://www.twilio.com/docs/errors/20003", status: 401 },
        401,
      ),
  };
}
