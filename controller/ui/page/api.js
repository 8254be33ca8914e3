// The JSON interface below /ui/api/, see docs/ui.md.

const PATIENCE = 30000;  // ms; a switchover is answered when it is stored, not when it is done
const SHORT = 10000;     // for what needs nothing but the server itself

export class Failure extends Error {
  constructor(status, reason, message) {
    super(message);
    this.status = status;  // 0: there was no answer
    this.reason = reason;
  }
}

async function answerOf(response) {
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw new Failure(response.status, body?.reason ?? '', body?.error ?? `The server answered with status ${response.status}.`);
}

async function call(method, path, body, patience = PATIENCE) {
  const options = {method, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(patience)};
  if (method === 'POST') {
    options.headers = {'Content-Type': 'application/json'};
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/ui/api/${path}`, options);
  } catch {
    throw new Failure(0, '', 'Baton does not answer. It may be restarting, or the way to it is broken.');
  }
  return answerOf(response);
}

const part = encodeURIComponent;

// Whether there would be a stream; it is not read.
async function tryEvents() {
  const control = new AbortController();
  const response = await fetch('/ui/api/events', {cache: 'no-store', signal: control.signal}).catch(() => null);
  if (!response) throw new Failure(0, '', 'Baton does not answer.');
  if (response.ok) control.abort();
  else await answerOf(response);
}

export const api = {
  signIn: (user, password) => call('POST', 'session', {user, password}),
  session: () => call('GET', 'session', null, SHORT),
  signOut: () => call('DELETE', 'session'),
  group: (namespace, name) => call('GET', `groups/${part(namespace)}/${part(name)}`),
  switchOver: (namespace, name, wish) => call('POST', `groups/${part(namespace)}/${part(name)}/switchover`, wish),
  tryEvents,
  request: (namespace, name) => call('GET', `requests/${part(namespace)}/${part(name)}`),
};
