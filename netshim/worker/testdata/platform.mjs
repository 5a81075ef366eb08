// Stands in for cloudflare:sockets where the platform's refusals are tried: it
// fails with the platform's own sentences, which workerd on one machine has no
// cause to say, and is the real thing for every other destination.

import { connect as real } from "cloudflare:sockets";

const vague = "proxy request failed, cannot connect to the specified address";

const refusals = {
  "private.test": vague,
  "platform.test": vague,
  "refused.test": vague,
  "nowhere.test": vague,
  "loop.test": "TCP Loop detected",
  "mail.test": "Connections to port 25 are prohibited",
  "busy.test": "Response closed due to connection limit",
};

export function connect(address, options) {
  const sentence = refusals[address.hostname];
  if (sentence === undefined) return real(address, options);
  const rejected = () => {
    const promise = Promise.reject(new Error(sentence));
    promise.catch(() => {});
    return promise;
  };
  const broken = { start: (controller) => controller.error(new Error(sentence)) };
  return {
    opened: rejected(),
    closed: rejected(),
    readable: new ReadableStream({ type: "bytes", ...broken }),
    writable: new WritableStream(broken),
    close: async () => {},
  };
}
