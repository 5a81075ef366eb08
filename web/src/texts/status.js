// @ts-check
/** Status codes: what the server says with each. */

/** @type {Record<number, { text: string, rfc: string }>} */
export const STATUS = {
  100: { text: "Go on: the head was acceptable, send the body.", rfc: "9110 §15.2.1" },
  101: { text: "The connection changes to the protocol that Upgrade named.", rfc: "9110 §15.2.2" },
  102: { text: "The request was taken and is being worked on.", rfc: "2518 §10.1" },
  103: { text: "Hints at what the final response will need, so that it can be fetched early.", rfc: "8297 §2" },
  200: { text: "It worked; the body is what was asked for.", rfc: "9110 §15.3.1" },
  201: { text: "Something new was made; Location says where.", rfc: "9110 §15.3.2" },
  202: { text: "The request was taken, and will be acted on later, or not.", rfc: "9110 §15.3.3" },
  203: { text: "It worked, but a proxy changed the content on the way.", rfc: "9110 §15.3.4" },
  204: { text: "It worked, and there is no body to send.", rfc: "9110 §15.3.5" },
  205: { text: "It worked; reset the form that the request came from.", rfc: "9110 §15.3.6" },
  206: { text: "A part of the content, as Range asked.", rfc: "9110 §15.3.7" },
  207: { text: "Several answers in one body, one for each resource.", rfc: "4918 §11.1" },
  208: { text: "Members of a collection that were listed before are left out here.", rfc: "5842 §7.1" },
  226: { text: "The content is the difference from a version that the client has.", rfc: "3229 §10.4.1" },
  300: { text: "There are several representations to choose from.", rfc: "9110 §15.4.1" },
  301: { text: "The resource has a new address for good; Location says which.", rfc: "9110 §15.4.2" },
  302: { text: "The resource is at another address for now; Location says which.", rfc: "9110 §15.4.3" },
  303: { text: "Look at the address in Location, with GET.", rfc: "9110 §15.4.4" },
  304: { text: "What the client has is still good; no body is sent.", rfc: "9110 §15.4.5" },
  305: { text: "Once: use a proxy. Deprecated, as anybody could have sent it.", rfc: "9110 §15.4.6" },
  306: { text: "No longer used; the number stays reserved.", rfc: "9110 §15.4.7" },
  307: { text: "Repeat the same request at the address in Location, this time.", rfc: "9110 §15.4.8" },
  308: { text: "Repeat the same request at the address in Location, from now on.", rfc: "9110 §15.4.9" },
  400: { text: "The server cannot make sense of the request.", rfc: "9110 §15.5.1" },
  401: { text: "Credentials are needed; WWW-Authenticate says which kind.", rfc: "9110 §15.5.2" },
  402: { text: "Reserved; some services ask for payment with it.", rfc: "9110 §15.5.3" },
  403: { text: "Understood, and refused.", rfc: "9110 §15.5.4" },
  404: { text: "There is nothing at that target, or the server will not say.", rfc: "9110 §15.5.5" },
  405: { text: "The target does not take that method; Allow lists those it does.", rfc: "9110 §15.5.6" },
  406: { text: "No representation fits what the Accept headers ask for.", rfc: "9110 §15.5.7" },
  407: { text: "The proxy wants credentials.", rfc: "9110 §15.5.8" },
  408: { text: "The request took too long to arrive.", rfc: "9110 §15.5.9" },
  409: { text: "The request conflicts with the state of the resource.", rfc: "9110 §15.5.10" },
  410: { text: "It was here and is gone for good.", rfc: "9110 §15.5.11" },
  411: { text: "The server wants a Content-Length.", rfc: "9110 §15.5.12" },
  412: { text: "A condition in the request’s headers did not hold.", rfc: "9110 §15.5.13" },
  413: { text: "The body is larger than the server takes.", rfc: "9110 §15.5.14" },
  414: { text: "The target is longer than the server takes.", rfc: "9110 §15.5.15" },
  415: { text: "The server does not take content of that type.", rfc: "9110 §15.5.16" },
  416: { text: "The range asked for lies outside the content.", rfc: "9110 §15.5.17" },
  417: { text: "The expectation in Expect cannot be met.", rfc: "9110 §15.5.18" },
  418: { text: "No meaning: a joke took the number, so it stays unused.", rfc: "9110 §15.5.19" },
  421: { text: "The request came to a server that does not answer for that host.", rfc: "9110 §15.5.20" },
  422: { text: "Well formed, yet its content makes no sense to the server.", rfc: "9110 §15.5.21" },
  423: { text: "The resource is locked.", rfc: "4918 §11.3" },
  424: { text: "An action that this one depends on failed.", rfc: "4918 §11.4" },
  425: { text: "The server will not risk a request that might be a replay.", rfc: "8470 §5.2" },
  426: { text: "The server wants another protocol; Upgrade says which.", rfc: "9110 §15.5.22" },
  428: { text: "The request must be conditional.", rfc: "6585 §3" },
  429: { text: "Too many requests; Retry-After may say how long to wait.", rfc: "6585 §4" },
  431: { text: "The headers are larger than the server takes.", rfc: "6585 §5" },
  451: { text: "Withheld for legal reasons.", rfc: "7725 §3" },
  500: { text: "The server failed.", rfc: "9110 §15.6.1" },
  501: { text: "The server does not know the method.", rfc: "9110 §15.6.2" },
  502: { text: "A gateway got an answer it could not use from the server behind it.", rfc: "9110 §15.6.3" },
  503: { text: "The server cannot answer now; Retry-After may say when.", rfc: "9110 §15.6.4" },
  504: { text: "A gateway waited too long for the server behind it.", rfc: "9110 §15.6.5" },
  505: { text: "The server does not speak that version of HTTP.", rfc: "9110 §15.6.6" },
  506: { text: "The server’s choice of a representation leads back to itself.", rfc: "2295 §8.1" },
  507: { text: "The server has no room to store what is needed.", rfc: "4918 §11.5" },
  508: { text: "The server found an endless loop in what it was to do.", rfc: "5842 §7.2" },
  509: { text: "The server’s share of bandwidth is used up. Not registered, yet seen.", rfc: "9110 §15.6" },
  510: { text: "The request needs an extension that the server names.", rfc: "2774 §7" },
  511: { text: "Log in to the network first.", rfc: "6585 §6" },
};

const CLASSES = ["", "An interim answer; the final one is still to come.", "The request succeeded.", "The client must do more to complete the request.", "The request is at fault.", "The server is at fault."];

/** The text of a code; an unknown one is taken as x00 of its class. @param {string} value @returns {{ text: string, rfc: string } | null} */
export function statusText(value) {
  const n = Number(value);
  if (STATUS[n]) return STATUS[n];
  const c = CLASSES[Math.floor(n / 100)];
  return c ? { text: c, rfc: "9110 §15" } : null;
}
