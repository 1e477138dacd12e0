# shellcheck shell=bash
# Writes a cell: the configuration of one Grid Engine as the flat files of its "classic" spooling. The qmaster reads them
# when it starts, so nothing has to be configured through it.

# write_cell: for the hosts in host_names, served by $submit_host; qmaster and execution daemons listen at $port and
# $((port + 1)).
write_cell() {
  local common=$SGE_ROOT/default/common spool=$directory/spool/qmaster name
  mkdir -p "$common" "$SGE_ROOT"/{bin,utilbin} "$directory"/{run,log,tmp,spool/execd} \
    "$spool"/{admin_hosts,submit_hosts,exec_hosts,hostgroups,cqueues,qinstances/all.q,pe,centry,usersets}
  ln -s "$share/util" "$SGE_ROOT/util"
  arch=$(sh "$share/util/arch")
  ln -s "$library" "$SGE_ROOT/bin/$arch"
  ln -s "$library" "$SGE_ROOT/utilbin/$arch"
  echo "$submit_host" >"$common/act_qmaster"
  # One name for each address is what Grid Engine wants, and this host may have several on the loopback ones.
  echo "$submit_host localhost $submit_host_aliases" >"$common/host_aliases"
  bootstrap "$spool" "$common" >"$common/bootstrap"
  global_configuration >"$common/configuration"
  scheduler_configuration >"$common/sched_configuration"
  for name in "$submit_host" "${host_names[@]}"; do
    echo "hostname $name" | tee "$spool/admin_hosts/$name" >"$spool/submit_hosts/$name"
  done
  for name in "${host_names[@]}"; do
    # 1024: it has not reported yet.
    printf '%s\n' 'qname all.q' "hostname $name" 'state 1024' 'pending_signal 0' 'pending_signal_del 0' 'version 1' \
      >"$spool/qinstances/all.q/$name"
  done
  for name in global template "${host_names[@]}"; do execution_host "$name" >"$spool/exec_hosts/$name"; done
  printf '%s\n' 'group_name @allhosts' "hostlist ${host_names[*]}" >"$spool/hostgroups/@allhosts"
  queue >"$spool/cqueues/all.q"
  # shellcheck disable=SC2016 # $pe_slots and the like are Grid Engine's own words.
  {
    parallel_environment smp '$pe_slots' FALSE >"$spool/pe/smp"
    parallel_environment mpi '$round_robin' TRUE >"$spool/pe/mpi"
    parallel_environment fill '$fill_up' TRUE >"$spool/pe/fill"
    parallel_environment pairs 2 TRUE >"$spool/pe/pairs"
  }
  local defaults=(env "LD_LIBRARY_PATH=$library" "$library/spooldefaults.bin")
  (with_spooling "${defaults[@]}" complexes "$share/util/resources/centry")
  (with_spooling "${defaults[@]}" usersets "$share/util/resources/usersets")
  (with_spooling "${defaults[@]}" managers root)
}

bootstrap() {
  cat <<END
admin_user none
default_domain none
ignore_fqdn true
spooling_method classic
spooling_lib libspoolc
spooling_params $2;$1
binary_path $SGE_ROOT/bin
qmaster_spool_dir $1
security_mode none
listener_threads 2
worker_threads 2
scheduler_threads 1
END
}

# Debian's configuration, with short times; and jobs of root, who may be the one that runs the tests. What the execution
# daemon has in its environment is none of a job's business.
global_configuration() {
  echo 'conf_name global'
  sed -E \
    -e "s#^(execd_spool_dir) .*#\1 $directory/spool/execd#" \
    -e 's/^(administrator_mail) .*/\1 none/' \
    -e 's/^(min_[ug]id) .*/\1 0/' \
    -e 's/^(load_report_time) .*/\1 00:00:01/' \
    -e 's/^(max_unheard) .*/\1 00:00:05/' \
    -e 's/^(execd_params) .*/\1 INHERIT_ENV=false/' \
    -e 's/^(reporting_params) .*/\1 accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:00 joblog=false sharelog=00:00:00/' \
    "$share/default-configuration"
}

# The scheduler looks once a second, and at once when jobs come or go.
scheduler_configuration() {
  cat <<'END'
algorithm default
schedule_interval 0:0:1
maxujobs 0
queue_sort_method 0
job_load_adjustments NONE
load_adjustment_decay_time 0:0:0
load_formula np_load_avg
schedd_job_info true
flush_submit_sec 1
flush_finish_sec 1
params none
reprioritize_interval 0:0:0
halftime 168
usage_weight_list cpu=1.0 mem=0.0 io=0.0
compensation_factor 5.0
weight_user 0.25
weight_project 0.25
weight_department 0.25
weight_job 0.25
weight_tickets_functional 0
weight_tickets_share 0
share_override_tickets TRUE
share_functional_shares TRUE
max_functional_jobs_to_schedule 200
report_pjob_tickets TRUE
max_pending_tasks_per_job 50
halflife_decay_list none
policy_hierarchy OFS
weight_ticket 0.5
weight_waiting_time 0.278
weight_deadline 3600000.0
weight_urgency 0.5
weight_priority 0.0
max_reservation 0
default_duration INFINITY
END
}

execution_host() {
  printf '%s\n' "hostname $1" 'load_scaling NONE' 'complex_values NONE' 'load_values NONE' 'processors 0' \
    'reschedule_unknown_list NONE' 'user_lists NONE' 'xuser_lists NONE' 'projects NONE' 'xprojects NONE' \
    'usage_scaling NONE' 'report_variables NONE'
}

# parallel_environment NAME ALLOCATION-RULE CONTROL-SLAVES
parallel_environment() {
  printf '%s\n' "pe_name $1" 'slots 999' 'user_lists NONE' 'xuser_lists NONE' 'start_proc_args NONE' \
    'stop_proc_args NONE' "allocation_rule $2" "control_slaves $3" 'job_is_first_task FALSE' 'urgency_slots min' \
    'accounting_summary TRUE' 'qsort_args NONE'
}

# The hosts have one /tmp, and the first to end a job of several would remove the directory of them all.
queue() {
  local name limit tmpdir=/tmp
  for name in "${host_names[@]}"; do
    mkdir -m 1777 "$directory/tmp/$name"
    tmpdir+=",[$name=$directory/tmp/$name]"
  done
  printf '%s\n' 'qname all.q' 'hostlist @allhosts' 'seq_no 0' 'load_thresholds NONE' 'suspend_thresholds NONE' \
    'nsuspend 1' 'suspend_interval 00:05:00' 'priority 0' 'min_cpu_interval 00:00:01' 'processors UNDEFINED' \
    'qtype BATCH INTERACTIVE' 'ckpt_list NONE' 'pe_list smp mpi fill pairs' 'rerun FALSE' "slots $slots" \
    "tmpdir $tmpdir" 'shell /bin/sh' 'prolog NONE' 'epilog NONE' 'shell_start_mode posix_compliant' \
    'starter_method NONE' 'suspend_method NONE' 'resume_method NONE' 'terminate_method NONE' 'notify 00:00:60' \
    'owner_list NONE' 'user_lists NONE' 'xuser_lists NONE' 'subordinate_list NONE' 'complex_values NONE' \
    'projects NONE' 'xprojects NONE' 'calendar NONE' 'initial_state default'
  for limit in rt cpu fsize data stack core rss vmem; do printf '%s\n' "s_$limit INFINITY" "h_$limit INFINITY"; done
}
