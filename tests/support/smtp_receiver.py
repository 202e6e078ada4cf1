#!/usr/bin/env python3
"""A mail server of a test's own: takes mails and writes each as one line of JSON.

smtp_receiver.py OUTPUT [--cert FILE --key FILE] [--tls] [--login USER:PASSWORD] [--refuse]

Prints "ready port=N". With a certificate it offers STARTTLS (--tls: speaks TLS from the beginning). With --login only
who logs in may send. --refuse: every recipient is refused.
"""
import argparse
import base64
import json
import socketserver
import ssl
import threading

lock = threading.Lock()


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write((text + "\r\n").encode())

    def hear(self):
        return self.rfile.readline(64 << 10).decode(errors="replace").rstrip("\r\n")

    def secure(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.is_secure = True

    def log_in(self, argument):
        kind, _, first = argument.partition(" ")
        if kind.upper() == "PLAIN":
            if not first:
                self.say("334 ")
                first = self.hear()
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.hear()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.hear()).decode()
        self.is_known = f"{user}:{password}" == self.server.options.login
        self.say("235 welcome" if self.is_known else "535 who are you")

    def take_mail(self):
        self.say("354 go on")
        lines = []
        while (line := self.hear()) != ".":
            lines.append(line[1:] if line.startswith(".") else line)
        mail = {"sender": self.sender, "recipients": self.recipients, "lines": lines, "tls": self.is_secure,
                "login": self.is_known}
        with lock, open(self.server.options.output, "a", encoding="utf-8") as out:
            out.write(json.dumps(mail) + "\n")
        self.recipients = []
        self.say("250 taken as number 7")

    def handle(self):
        options = self.server.options
        self.is_secure = self.is_known = False
        self.sender, self.recipients = "", []
        if options.tls:
            self.secure()
        self.say("220 receiver")
        while command := self.hear():
            verb, _, rest = command.partition(" ")
            verb = verb.upper()
            if verb in ("EHLO", "HELO"):
                features = ["receiver"]
                if options.cert and not self.is_secure:
                    features.append("STARTTLS")
                if options.login:
                    features.append("AUTH PLAIN LOGIN")
                for feature in features[:-1]:
                    self.say("250-" + feature)
                self.say("250 " + features[-1])
            elif verb == "STARTTLS" and options.cert:
                self.say("220 go on")
                self.secure()
            elif verb == "AUTH":
                self.log_in(rest)
            elif verb == "MAIL":
                self.sender = rest.partition(":")[2].strip()
                self.say("250 fine" if self.is_known or not options.login else "530 log in first")
            elif verb == "RCPT":
                self.recipients.append(rest.partition(":")[2].strip())
                self.say("550 nobody here" if options.refuse else "250 fine")
            elif verb == "DATA":
                self.take_mail()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # Clients of tests leave as they like.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--login")
    parser.add_argument("--refuse", action="store_true")
    options = parser.parse_args()
    with Server(("127.0.0.1", 0), Session) as server:
        server.options = options
        if options.cert:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(options.cert, options.key)
        print(f"ready port={server.server_address[1]}", flush=True)
        server.serve_forever()


main()
