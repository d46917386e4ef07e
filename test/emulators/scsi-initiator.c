/*
 * A SCSI host adapter for a machine whose kernel has none: one iSCSI session to a real target, and
 * a socket that stands for the disk. Called as `sg_persist` it is that program's stand-in: same
 * options, same texts, same exit codes (sg3-utils 1.46), sent through the session of the socket
 * that is named where a device would be. Nothing about reservations is decided here: the target
 * keeps them, refuses writes, and raises UNIT ATTENTION.
 *
 *   scsi-initiator serve URL INITIATOR SOCKET [abort]   the session; ends with its standard input
 *   scsi-initiator io SOCKET write LBA TEXT             one block; exit code as sg_persist's
 *   scsi-initiator io SOCKET read LBA
 *   sg_persist [options] SOCKET
 *
 * `abort`: the target has no PREEMPT AND ABORT, and gets PREEMPT in its place.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

enum { SYNTAX = 1, NOT_READY = 2, MEDIUM = 3, ILLEGAL = 5, ATTENTION = 6, CONFLICT = 24, OTHER = 99 };
enum { WORDS = 16, LINE = 4096, BLOCK = 512 };

static struct iscsi_context *session;
static int lun;
static int with_abort;
static char reply[LINE];

static void say(const char *format, ...)
{
  size_t used = strlen(reply);
  va_list list;
  va_start(list, format);
  vsnprintf(reply + used, sizeof reply - used, format, list);
  va_end(list);
}

/* The exit code for what became of a command; frees it. */
static int ending(struct scsi_task *task, const char *what)
{
  int code = OTHER;
  if (task == NULL) {
    say("%s: transport: %s\n", what, iscsi_get_error(session));
    return code;
  }
  if (task->status == SCSI_STATUS_GOOD) {
    code = 0;
  } else if (task->status == SCSI_STATUS_RESERVATION_CONFLICT) {
    say("%s: reservation conflict\n", what);
    code = CONFLICT;
  } else if (task->status == SCSI_STATUS_CHECK_CONDITION) {
    say("%s: %s, ascq 0x%04x\n", what, scsi_sense_key_str(task->sense.key), task->sense.ascq);
    switch (task->sense.key) {
    case SCSI_SENSE_UNIT_ATTENTION: code = ATTENTION; break;
    case SCSI_SENSE_ILLEGAL_REQUEST: code = ILLEGAL; break;
    case SCSI_SENSE_NOT_READY: code = NOT_READY; break;
    case SCSI_SENSE_MEDIUM_ERROR: code = MEDIUM; break;
    default: break;
    }
  } else {
    say("%s: status 0x%x\n", what, (unsigned)task->status);
  }
  scsi_free_scsi_task(task);
  return code;
}

static int read_keys(void)
{
  struct scsi_task *task = iscsi_persistent_reserve_in_sync(
      session, lun, SCSI_PERSISTENT_RESERVE_READ_KEYS, 4096);
  if (task == NULL || task->status != SCSI_STATUS_GOOD) return ending(task, "PR in (Read keys)");
  struct scsi_persistent_reserve_in_read_keys *all = scsi_datain_unmarshall(task);
  if (all == NULL) return ending(NULL, "PR in (Read keys)");
  say("  PR generation=0x%x, ", (unsigned)all->prgeneration);
  if (all->num_keys == 0) say("there are NO registered reservation keys\n");
  else if (all->num_keys == 1) say("1 registered reservation key follows:\n");
  else say("%d registered reservation keys follow:\n", all->num_keys);
  for (int at = 0; at < all->num_keys; at += 1) say("    0x%llx\n", (unsigned long long)all->keys[at]);
  return ending(task, "PR in (Read keys)");
}

static const char *type_name(int type)
{
  switch (type) {
  case 1: return "Write Exclusive";
  case 3: return "Exclusive Access";
  case 5: return "Write Exclusive, registrants only";
  case 6: return "Exclusive Access, registrants only";
  case 7: return "Write Exclusive, all registrants";
  case 8: return "Exclusive Access, all registrants";
  default: return "obsolete or reserved";
  }
}

static int read_reservation(void)
{
  struct scsi_task *task = iscsi_persistent_reserve_in_sync(
      session, lun, SCSI_PERSISTENT_RESERVE_READ_RESERVATION, 4096);
  if (task == NULL || task->status != SCSI_STATUS_GOOD) {
    return ending(task, "PR in (Read reservation)");
  }
  struct scsi_persistent_reserve_in_read_reservation *held = scsi_datain_unmarshall(task);
  if (held == NULL) return ending(NULL, "PR in (Read reservation)");
  say("  PR generation=0x%x, ", (unsigned)held->prgeneration);
  if (!held->reserved) {
    say("there is NO reservation held\n");
  } else {
    say("Reservation follows:\n    Key=0x%llx\n", (unsigned long long)held->reservation_key);
    say("    scope: LU_SCOPE,  type: %s\n", type_name(held->pr_type));
  }
  return ending(task, "PR in (Read reservation)");
}

struct order {
  const char *action;
  uint64_t key, argument;
  int type, aptpl;
};

static int write_out(const struct order *order)
{
  static const struct { const char *option; int action; const char *what; } actions[] = {
    {"--register-ignore", 6, "PR out (Register and ignore existing key)"},
    {"--reserve", 1, "PR out (Reserve)"},
    {"--release", 2, "PR out (Release)"},
    {"--preempt", 4, "PR out (Preempt)"},
    {"--preempt-abort", 5, "PR out (Preempt and abort)"},
  };
  struct scsi_persistent_reserve_out_basic list = {0};
  list.reservation_key = order->key;
  list.service_action_reservation_key = order->argument;
  list.aptpl = order->aptpl;
  for (size_t at = 0; at < sizeof actions / sizeof *actions; at += 1) {
    if (strcmp(actions[at].option, order->action) != 0) continue;
    int action = actions[at].action == 5 && with_abort ? 4 : actions[at].action;
    struct scsi_task *task = iscsi_persistent_reserve_out_sync(
        session, lun, action, SCSI_PERSISTENT_RESERVE_SCOPE_LU, order->type, &list);
    return ending(task, actions[at].what);
  }
  say("unknown action %s\n", order->action);
  return SYNTAX;
}

/* The options that sg_persist has, as far as anybody here writes them. */
static int persist(char **words, int count)
{
  struct order order = {0};
  for (int at = 0; at < count; at += 1) {
    const char *word = words[at];
    const char *value = strchr(word, '=');
    if (!strcmp(word, "-k")) return read_keys();
    if (!strcmp(word, "-r")) return read_reservation();
    if (!strcmp(word, "-n") || !strcmp(word, "--out")) continue;
    if (!strcmp(word, "--param-aptpl")) order.aptpl = 1;
    else if (!strncmp(word, "--param-rk=", 11)) order.key = strtoull(value + 1, NULL, 16);
    else if (!strncmp(word, "--param-sark=", 13)) order.argument = strtoull(value + 1, NULL, 16);
    else if (!strncmp(word, "--prout-type=", 13)) order.type = atoi(value + 1);
    else order.action = word;
  }
  if (order.action == NULL) return SYNTAX;
  return write_out(&order);
}

static int transfer(char **words, int count)
{
  static unsigned char block[BLOCK];
  uint32_t lba = count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 0;
  if (count > 2 && !strcmp(words[0], "write")) {
    memset(block, 0, sizeof block);
    strncpy((char *)block, words[2], BLOCK - 1);
    return ending(iscsi_write10_sync(session, lun, lba, block, BLOCK, BLOCK, 0, 0, 0, 0, 0), "write");
  }
  struct scsi_task *task = iscsi_read10_sync(session, lun, lba, BLOCK, BLOCK, 0, 0, 0, 0, 0);
  if (task != NULL && task->status == SCSI_STATUS_GOOD) say("%.64s\n", (char *)task->datain.data);
  return ending(task, "read");
}

/* A request is a line of words for each of which a tab stands between; the answer: code, text. */
static void serve_one(int client)
{
  char line[LINE] = {0};
  size_t used = 0;
  while (used < sizeof line - 1 && strchr(line, '\n') == NULL) {
    ssize_t got = read(client, line + used, sizeof line - 1 - used);
    if (got <= 0) return;
    used += (size_t)got;
  }
  char *words[WORDS];
  int count = 0;
  for (char *word = strtok(line, "\t\n"); word && count < WORDS; word = strtok(NULL, "\t\n")) {
    words[count++] = word;
  }
  reply[0] = '\0';
  int is_io = count > 0 && !strcmp(words[0], "io");
  int code = count == 0 ? SYNTAX : is_io ? transfer(words + 1, count - 1) : persist(words, count);
  dprintf(client, "%d\n%s", code, reply);
}

static int listen_on(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16)) return -1;
  return fd;
}

static int serve(char **argv)
{
  session = iscsi_create_context(argv[1]);
  struct iscsi_url *url = session ? iscsi_parse_full_url(session, argv[0]) : NULL;
  if (url == NULL) return SYNTAX;
  iscsi_set_session_type(session, ISCSI_SESSION_NORMAL);
  iscsi_set_header_digest(session, ISCSI_HEADER_DIGEST_NONE_CRC32C);
  iscsi_set_targetname(session, url->target);
  iscsi_set_timeout(session, 5);
  iscsi_set_noautoreconnect(session, 1);
  lun = url->lun;
  if (iscsi_full_connect_sync(session, url->portal, lun)) {
    fprintf(stderr, "%s: %s\n", argv[0], iscsi_get_error(session));
    return NOT_READY;
  }
  int door = listen_on(argv[2]);
  if (door < 0) return perror(argv[2]), SYNTAX;
  puts("ready");
  fflush(stdout);
  struct pollfd wait[] = {{.fd = door, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  while (poll(wait, 2, -1) >= 0 || errno == EINTR) {
    if (wait[1].revents) break;
    int client = wait[0].revents ? accept(door, NULL, NULL) : -1;
    if (client < 0) continue;
    serve_one(client);
    close(client);
  }
  iscsi_logout_sync(session);
  return 0;
}

static int ask(const char *path, char **words, int count, const char *first)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
    fprintf(stderr, "sg_persist: error opening file (rw): %s: %s\n", path, strerror(errno));
    return 15;
  }
  dprintf(fd, "%s", first);
  for (int at = 0; at < count; at += 1) dprintf(fd, "%s%s", at || *first ? "\t" : "", words[at]);
  dprintf(fd, "\n");
  FILE *in = fdopen(fd, "r");
  int code = OTHER, c;
  if (in == NULL || fscanf(in, "%d", &code) != 1 || fgetc(in) != '\n') return OTHER;
  FILE *out = code == 0 ? stdout : stderr;
  while ((c = fgetc(in)) != EOF) fputc(c, out);
  return code;
}

int main(int argc, char **argv)
{
  const char *name = strrchr(argv[0], '/');
  name = name ? name + 1 : argv[0];
  if (!strcmp(name, "sg_persist") && argc > 2) return ask(argv[argc - 1], argv + 1, argc - 2, "");
  if (argc >= 5 && !strcmp(argv[1], "serve")) {
    with_abort = argc > 5 && !strcmp(argv[5], "abort");
    return serve(argv + 2);
  }
  if (argc >= 5 && !strcmp(argv[1], "io")) return ask(argv[2], argv + 3, argc - 3, "io");
  fprintf(stderr, "see the head of scsi-initiator.c\n");
  return SYNTAX;
}
