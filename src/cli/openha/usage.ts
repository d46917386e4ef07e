/** Help for OpenHA's programs, in our words. */

export const openhaUsage = `\
service -s               services with the states on both nodes; -s -c: in columns
service -i NAME          what this node is for the service, and both states
service -A NAME ACTION   act on this node; without NAME: on all services
                         start stop freeze-stop freeze-start unfreeze
                         force-stop force-start (declare the state, call nothing)
service -a NAME SCRIPT PRIMARY SECONDARY CHECK    add to the services file
service -r NAME          take out of the services file
hb -s                    heartbeat links, senders and receivers
hb -a -n NODE -t net|unicast|disk|dio -i IFACE -d ADDR -p PORT -T TIMEOUT
hb -r -n NODE -t TYPE -i IFACE -d ADDR -p PORT    edit the monitor file
openha status|ps|kill|service|hb
More: docs/openha-commands.md
`;
