"""Sends a file by Python's smtplib through STARTTLS and AUTH.

usage: send_smtplib.py HOST PORT CA LOGIN PASSWORD FROM TO FILE
"""
import smtplib, ssl, sys

host, port, ca, login, password, sender, to, file = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
with open(file, "rb") as source, smtplib.SMTP(host, int(port), timeout=30) as smtp:
    smtp.starttls(context=context)
    smtp.login(login, password)
    smtp.sendmail(sender, to.split(","), source.read(), mail_options=["BODY=8BITMIME"])
