/** Programs that send a first message, to copy. */
import { commandLine } from '@/lib/clipboard';

export const SNIPPETS = ['cpp', 'python', 'shell'] as const;
export type SnippetKind = (typeof SNIPPETS)[number];

export interface Place {
  topic: string;
  /** "host:port" of brokers. */
  servers: string[];
  /** Of this portal: "https://portal.example". */
  origin: string;
  /** The cluster asks nobody who he is: there is no token. */
  isOpen: boolean;
}

export const TOKEN_FILE = 'lanemq.token';

/** A string of C++ and of Python alike. Names of topics and hosts need no more than this. */
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

const cpp = ({ topic, servers, isOpen }: Place) => `#include <iostream>

#include "lanemq/lanemq.h"

int main() {
  lanemq::ProducerOptions options;
  options.bootstrap_servers = {${servers.map(quoted).join(', ')}};
${isOpen ? '' : `  options.token_file = ${quoted(TOKEN_FILE)};\n`}\
  auto producer = lanemq::Producer::Create(options);
  if (!producer.ok()) return std::cerr << producer.error().ToString() << "\\n", 1;
  const auto stored = (*producer)->SendSync({.topic = ${quoted(topic)}, .key = "me", .body = "hello"});
  if (!stored.ok()) return std::cerr << stored.error().ToString() << "\\n", 1;
  std::cout << "stored in partition " << stored->partition << ", offset " << stored->offset << "\\n";
}
`;

const python = ({ topic, origin, isOpen }: Place) => `import json
import pathlib
import urllib.request

message = {"key": "me", "body": "hello"}
body = {"partitions": [{"topic": ${quoted(topic)}, "partition": 0, "messages": [message]}]}
headers = {"Content-Type": "application/json"}
${isOpen ? '' : `headers["Authorization"] = "Bearer " + pathlib.Path(${quoted(TOKEN_FILE)}).read_text().strip()\n`}\
request = urllib.request.Request(${quoted(`${origin}/api/v1/messages`)}, json.dumps(body).encode(), headers)
print(json.load(urllib.request.urlopen(request)))
`;

function shell({ topic, servers, isOpen }: Place): string {
  const token = isOpen ? [] : ['--token-file', TOKEN_FILE];
  return `echo hello | ${commandLine('-b', servers.join(','), ...token, 'produce', topic, '-k', 'me')}\n`;
}

export function snippetOf(kind: SnippetKind, place: Place): string {
  return { cpp, python, shell }[kind](place);
}
