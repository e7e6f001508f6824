/* Tells the service manager how things are (systemd's Type=notify). */
#ifndef RINGFIXD_NOTIFY_H
#define RINGFIXD_NOTIFY_H

/* Lines such as "READY=1"; does nothing when nobody asked for it ($NOTIFY_SOCKET). */
void notify_manager(const char *lines);

#endif
