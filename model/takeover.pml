/*
 * Two nodes, one service of class exclusive (or data, with -DWATCHDOG), links that may fail one way,
 * and a shared disk with a lease: who runs it, and when? Searched in full by test/model; what is
 * left out, and why, is in docs/model.md. The rules are those of src/arbitration and
 * src/engine/{may-start,rights,services}.ts, and carry their names.
 *
 * Time is a tick, in which every healthy node takes exactly one turn, in either order. So two
 * clocks never differ by more than a tick, which is what MARGIN is for. Ages are ticks since
 * something, and stop counting where they no longer matter, which makes the search finite.
 */

#ifndef FAULTS
#define FAULTS 4 /* how often anything may break or be repaired */
#endif

#define DEAD 3   /* dead time of a link, and how long a promise lasts (I13) */
#define LEASE 3  /* L, from when a write was issued */
#define STOP 1   /* a stop takes that long, where it does not hang */
#define MARGIN 1 /* two turns of one tick come in either order */

#ifdef WATCHDOG
#define TWD 8    /* the node is reset that long after its watchdog was last fed */
#ifdef NO_WATCHDOG_TIME /* planted: the others do not wait for the reset */
#define COUNTED 0
#else
#define COUNTED (2 * TWD) /* a turn that hung between the look and the feeding feeds once more */
#endif
#else
#define TWD 0
#define COUNTED 0
#endif

#ifdef SKIP_WAIT      /* planted: one look at an unchanged slot is taken for the lease */
#define WAIT 1
#else
#define WAIT (LEASE + COUNTED + MARGIN)
#endif

/* From the end of a promise until what ran by it has stopped, or was reset. */
#ifdef WATCHDOG
#define ENDS (COUNTED > STOP -> COUNTED : STOP)
#else
#define ENDS STOP
#endif

#ifdef NO_STOP_TIME   /* planted: who lost the promise is taken to have stopped at once */
#define PROMISE DEAD
#else
#define PROMISE (DEAD + ENDS + MARGIN)
#endif

/* The longest way of a healthy node that is alone, or of two that hear each other, to a start:
 * silence of the links and of the disk, whichever is longer, and a tick to be ready. */
#define LONGER (WAIT > PROMISE -> WAIT : PROMISE)
#define STARTS_BY (LONGER + STOP + 3)

#define OFF 0
#define STOPPED 1
#define READY 2
#define STARTED 3  /* from before the first resource is touched */
#define STOPPING 4

byte st[2];
bit hung[2];       /* the daemon takes no turns; what runs goes on running */
bit stuck[2];      /* the stop script does not end */
bit cable[2];      /* frames reach node n */
bit path[2];       /* node n reaches the disk */
byte faults = FAULTS;

/* The frame on its way to node n, one at most: a later one overtakes it. */
bit mail[2];
byte mailState[2]; /* what its sender said of the service */
byte mailAge[2];   /* since it was sent */
byte mailEcho[2];  /* since n sent the newest frame that its sender had heard */

/* What node n knows of the other one. */
byte silent[2];    /* since it was heard, or since n began to listen */
byte claim[2];     /* what it said last */
byte heard[2];     /* since it sent the newest frame that n heard: goes out as the echo */
byte echo[2];      /* since n sent the newest frame that it acknowledged: the promise */
byte ready[2];     /* since n said READY */

/* The slot of node n, its write under way (0 none, 1 issued, 2 on the disk but not reported). */
bit valid[2];
bit changed[2];    /* since the other one read it */
byte write[2];
byte issued[2];
byte written[2];   /* since the last write that was reported was issued: the lease */
bit seen[2];       /* n has read a record of the other one in this life */
byte same[2];      /* since n saw it change */
bit looked[2];     /* n could read in this turn */
byte fed[2];       /* since the watchdog was fed */

/* For L1 and L2: how long all has been well. */
byte alone[2];     /* n and its disk are well and the other one is off */
byte together;     /* both nodes and all cables are well */
byte wrote[2];     /* the disk path of n and n itself are well */

byte me, it, first;

#define older(age, most) if :: age < (most) -> age++ :: else fi
#define active(n) (st[n] == STARTED || st[n] == STOPPING)

inline unwell(n) {
  together = 0; wrote[n] = 0; alone[n] = 0
}

inline forget(n) {
  silent[n] = 0; claim[n] = OFF; heard[n] = DEAD; echo[n] = DEAD; ready[n] = 0;
  seen[n] = 0; same[n] = 0; looked[n] = 0; fed[n] = 0;
  write[n] = 0; issued[n] = 0; written[n] = LEASE; hung[n] = 0; stuck[n] = 0;
  unwell(n); alone[1 - n] = 0
}

inline powerOff(n) {
  forget(n);
  st[n] = OFF
}

/* A new life. Frames name the life that they echo, so echoes of the old one do not count. */
inline boot(n) {
  forget(n);
  st[n] = STOPPED;
  mailEcho[n] = DEAD;
  heard[1 - n] = DEAD;
}

inline reachDisk(n) {
  if
  :: path[n] && write[n] == 1 -> write[n] = 2; valid[n] = 1; changed[n] = 1
  :: else
  fi
}

inline receive(n, other) {
  if
  :: cable[n] && mail[n] ->
    mail[n] = 0;
    silent[n] = 0;
    alone[n] = 0;
    claim[n] = mailState[n];
    heard[n] = mailAge[n];
#ifdef ANY_FRAME      /* planted: hearing the other one is taken for being heard by it */
    echo[n] = 0;
#else
    if :: mailEcho[n] < echo[n] -> echo[n] = mailEcho[n] :: else fi;
#endif
    mailState[n] = 0; mailAge[n] = 0; mailEcho[n] = 0
  :: else
  fi
}

inline useDisk(n, other) {
  looked[n] = path[n];
  if
  :: path[n] ->
    reachDisk(n);
    if
    :: write[n] == 2 ->
      written[n] = issued[n];
      write[n] = 0; issued[n] = 0
    :: else
    fi;
    if
    :: valid[other] && (changed[other] || !seen[n]) ->
      seen[n] = 1; same[n] = 0; changed[other] = 0
    :: else
    fi
  :: else
  fi
#ifdef OWN_WRITES     /* planted: its own records on the disk count as a sign of life */
  ; if :: looked[n] && written[n] <= 1 -> same[n] = 0 :: else fi
#endif
}

/* src/engine/rights.ts: by the disk, or by the promise of who hears us. */
#define leaseHolds(n) (written[n] < LEASE - STOP)
#ifdef NEVER_STOPS    /* planted: a right that ran out is kept */
#define rightHolds(n) true
#else
#define rightHolds(n) (leaseHolds(n) || echo[n] < DEAD)
#endif

/* src/arbitration/judge-disk.ts: what the disk proves to n. */
#ifdef BLIND          /* planted: a slot that cannot be read counts as unchanged */
#define diskProves(n) (seen[n] && same[n] >= WAIT)
#else
#define diskProves(n) (seen[n] && looked[n] && written[n] < LEASE && same[n] >= WAIT)
#endif

#ifdef TRUST_SILENCE  /* planted: what cannot be heard is dead */
#define isOut(n) (silent[n] >= PROMISE)
#elif defined(IGNORE_PROMISE) /* planted: the disk alone decides, whoever is heard */
#define isOut(n) diskProves(n)
#else
#define isOut(n) (silent[n] >= PROMISE && diskProves(n))
#endif

/* src/engine/may-start.ts: alive, hears us, does not run it and does not go first. */
#define isAlive(n) (silent[n] < DEAD && echo[n] < DEAD)
#ifdef ASK_NOBODY     /* planted: two that are ready both go on, and nobody is asked */
#define goesFirst(n) true
#else
#define goesFirst(n) (n == 0 || claim[n] != STOPPED && claim[n] != READY)
#endif
#define givesWay(n) (isAlive(n) && (claim[n] == STOPPED || claim[n] == READY) && goesFirst(n))
#ifdef ASK_NOBODY
#define agrees(n) true
#else
#define agrees(n) (echo[n] <= ready[n] && echo[n] < DEAD)
#endif

inline look(n, other) {
  if
  :: st[n] == STOPPED && (isOut(n) || givesWay(n)) -> st[n] = READY; ready[n] = 0
  :: st[n] == READY && isOut(n) -> st[n] = STARTED; ready[n] = 0
  :: st[n] == READY && !isOut(n) && givesWay(n) && agrees(n) -> st[n] = STARTED; ready[n] = 0
  :: st[n] == READY && !isOut(n) && !givesWay(n) -> st[n] = STOPPED; ready[n] = 0
  :: st[n] == STARTED && !rightHolds(n) ->
    assert(together < DEAD + 2 && wrote[n] < LEASE); /* L2: nothing is stopped without need */
    st[n] = STOPPING
  :: st[n] == STOPPING && !stuck[n] -> st[n] = STOPPED
  :: else
  fi
}

/* Fed only while what runs may run. */
inline feed(n) {
#ifdef WATCHDOG
  if
  :: !active(n) || written[n] < LEASE || echo[n] < DEAD -> fed[n] = 0
  :: else
  fi
#else
  skip
#endif
}

inline tell(n, other) {
  if
  :: path[n] && write[n] == 0 -> write[n] = 2; valid[n] = 1; changed[n] = 1; issued[n] = 0
  :: !path[n] && write[n] == 0 -> write[n] = 1; issued[n] = 0
  :: else
  fi;
  if
  :: cable[other] && st[other] != OFF ->
    mail[other] = 1; mailState[other] = st[n]; mailAge[other] = 0; mailEcho[other] = heard[n]
  :: else
  fi
}

inline turn(n, other) {
  if
  :: st[n] != OFF && !hung[n] ->
    receive(n, other);
    useDisk(n, other);
    look(n, other);
    assert(!(active(0) && active(1))); /* S1: never two */
    feed(n);
    tell(n, other)
  :: else
  fi
}

/* Anything may break or be repaired before any turn, until FAULTS is used up. */
inline mishaps() {
  do
  :: faults > 0 ->
    faults--;
    if
    :: cable[0] = !cable[0]; together = 0
    :: cable[1] = !cable[1]; together = 0
    :: path[0] = !path[0]; reachDisk(0); wrote[0] = 0; alone[0] = 0
    :: path[1] = !path[1]; reachDisk(1); wrote[1] = 0; alone[1] = 0
    :: st[0] != OFF -> powerOff(0); mail[0] = 0
    :: st[1] != OFF -> powerOff(1); mail[1] = 0
    :: st[0] == OFF -> boot(0)
    :: st[1] == OFF -> boot(1)
#ifdef HANGS
    :: st[0] != OFF && !hung[0] -> hung[0] = 1; unwell(0)
    :: st[1] != OFF && !hung[1] -> hung[1] = 1; unwell(1)
    :: hung[0] -> hung[0] = 0; fed[0] = 0 /* the turn that hung ends with what it had decided */
    :: hung[1] -> hung[1] = 0; fed[1] = 0
    :: st[0] != OFF && !stuck[0] -> stuck[0] = 1; unwell(0)
    :: st[1] != OFF && !stuck[1] -> stuck[1] = 1; unwell(1)
#endif
    fi
  :: break
  od
}

#define well(n) (st[n] != OFF && !hung[n] && !stuck[n])

inline later(n) {
  older(silent[n], PROMISE);
  older(heard[n], DEAD);
  older(echo[n], DEAD);
  if :: st[n] == READY -> older(ready[n], DEAD) :: else fi;
  if :: write[n] != 0 -> older(issued[n], LEASE) :: else fi;
  older(written[n], LEASE);
  if :: seen[n] -> older(same[n], WAIT) :: else fi;
  if :: mail[n] -> older(mailAge[n], DEAD); older(mailEcho[n], DEAD) :: else fi;
  if
  :: well(n) && path[n] -> older(wrote[n], LEASE)
  :: else -> wrote[n] = 0
  fi;
  if
  :: well(n) && path[n] && st[1 - n] == OFF && valid[1 - n] -> older(alone[n], STARTS_BY)
  :: else -> alone[n] = 0
  fi;
  assert(alone[n] < STARTS_BY || active(n)); /* L1: who is alone and may start it does */
#ifdef WATCHDOG
  if
  :: st[n] != OFF ->
    older(fed[n], TWD);
    if :: fed[n] == TWD -> powerOff(n); mail[n] = 0 :: else fi
  :: else
  fi
#endif
}

#ifdef SHOW /* for a trail: spin -t -DSHOW ... */
#define show(n) \
  printf("%d: st %d cable %d path %d hung %d silent %d claim %d echo %d written %d same %d\n", \
    n, st[n], cable[n], path[n], hung[n], silent[n], claim[n], echo[n], written[n], same[n])
#else
#define show(n) skip
#endif

inline tick() {
  d_step {
    show(0);
    show(1);
    later(0);
    later(1);
    if
    :: well(0) && well(1) && cable[0] && cable[1] -> older(together, STARTS_BY)
    :: else -> together = 0
    fi;
    assert(together < STARTS_BY || active(0) || active(1)); /* L1: two that may start it do */
    first = 0
  }
}

init {
  d_step {
    boot(0); boot(1);
    cable[0] = 1; cable[1] = 1; path[0] = 1; path[1] = 1;
    mailEcho[0] = 0; mailEcho[1] = 0
  };
  do
  :: atomic { mishaps(); if :: first = 0 :: first = 1 fi };
    if
    :: first == 0 -> d_step { turn(0, 1) }
    :: else -> d_step { turn(1, 0) }
    fi;
    atomic { mishaps() };
    if
    :: first == 0 -> d_step { turn(1, 0) }
    :: else -> d_step { turn(0, 1) }
    fi;
    tick()
  od
}
