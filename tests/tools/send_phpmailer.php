<?php
// Builds a message by PHPMailer and sends it through STARTTLS and AUTH; prints the bytes it sent.
//
// usage: send_phpmailer.php HOST PORT CA LOGIN PASSWORD FROM TO
require_once '/usr/share/php/libphp-phpmailer/autoload.php';

use PHPMailer\PHPMailer\PHPMailer;

[, $host, $port, $ca, $login, $password, $from, $to] = $argv;
$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = $host;
$mail->Port = (int) $port;
$mail->SMTPAuth = true;
$mail->Username = $login;
$mail->Password = $password;
$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;
$mail->SMTPOptions = ['ssl' => ['cafile' => $ca]];
$mail->CharSet = 'UTF-8';
$mail->setFrom($from, 'Kavárna Pod Lípou');
foreach (explode(',', $to) as $one) {
    $mail->addBCC($one);
}
$mail->Subject = 'Potvrzení objednávky č. 2026-117';
$mail->isHTML(true);
$mail->Body = '<p>Dobrý den,</p><p>přijali jsme Vaši objednávku č. 2026-117.</p>';
$mail->AltBody = "Dobrý den,\n\npřijali jsme Vaši objednávku č. 2026-117.";
$mail->send();
echo $mail->getSentMIMEMessage();
