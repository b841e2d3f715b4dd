"""Python's own HTTP client, and `requests` as pip brings it, through the egress proxy.

Usage: egress_client.py PROXY PLAIN SECURE CERTIFICATE: addresses of the proxy and of the host with and without TLS. Prints
a line for each thing it did.
"""

import ssl
import sys
import urllib.error
import urllib.request

from pip._vendor import requests

proxy, plain, secure, certificate = sys.argv[1:]
proxies = {"http": proxy, "https": proxy}
context = ssl.create_default_context(cafile=certificate)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context)
)
print("urllib plain:", opener.open(plain + "/u", timeout=20).read().decode())
print("urllib secure:", opener.open(secure + "/u", timeout=20).read().decode())
try:
    opener.open("https://elsewhere.example:443/", timeout=20)
    print("urllib refused: no")
except OSError as error:
    print("urllib refused:", error)

with requests.Session() as session:
    session.trust_env = False
    session.proxies = proxies
    session.verify = certificate
    # Several over one connection to the proxy.
    for number in range(3):
        print("requests plain:", session.get(plain + "/%d" % number, timeout=20).text)
    print("requests secure:", session.get(secure + "/r", timeout=20).text)
    print("requests post:", session.post(plain + "/", data=b"x" * 100000, timeout=20).text)
    print("requests chunked:", session.post(plain + "/", data=iter([b"x" * 1000] * 7), timeout=20).text)
    print("requests large:", len(session.get(secure + "/large", timeout=20).content))
    # A redirect is the client's to follow, and asked about like everything else.
    followed = session.get(plain + "/redirect", timeout=20)
    print("requests redirect:", followed.status_code, followed.text.strip())
    refused = session.get("http://elsewhere.example/", timeout=20)
    print("requests refused:", refused.status_code, refused.text.strip())
