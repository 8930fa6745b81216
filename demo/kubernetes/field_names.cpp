#include "demo/kubernetes/field_names.hpp"

#include "core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace meshscope::demo {
namespace {

using nlohmann::json;

// Names of a type's fields, each with the type of what it holds where that is in the table, too.
struct Type {
    std::string_view name;
    std::string_view fields;
};

constexpr std::array kTypes = {
    Type{
        "Meta",
        "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers "
        "generateName generation labels managedFields name namespace ownerReferences "
        "resourceVersion selfLink uid"
    },
    Type{"LabelSelector", "matchExpressions:Expression matchLabels"},
    Type{"Expression", "key operator values"},

    Type{"ConfigMap", "binaryData data immutable"},
    Type{"Secret", "data immutable stringData type"},
    Type{"ServiceAccount", "automountServiceAccountToken imagePullSecrets secrets"},

    Type{"ClusterRole", "aggregationRule rules:Rule"},
    Type{"Role", "rules:Rule"},
    Type{"Rule", "apiGroups nonResourceURLs resourceNames resources verbs"},
    Type{"ClusterRoleBinding", "roleRef:RoleRef subjects:Subject"},
    Type{"RoleBinding", "roleRef:RoleRef subjects:Subject"},
    Type{"RoleRef", "apiGroup kind name"},
    Type{"Subject", "apiGroup kind name namespace"},

    Type{"Service", "spec:ServiceSpec status"},
    Type{
        "ServiceSpec",
        "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName "
        "externalTrafficPolicy healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy "
        "loadBalancerClass loadBalancerIP loadBalancerSourceRanges ports:ServicePort "
        "publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig "
        "trafficDistribution type"
    },
    Type{"ServicePort", "appProtocol name nodePort port protocol targetPort"},

    Type{"Deployment", "spec:DeploymentSpec status"},
    Type{
        "DeploymentSpec",
        "minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit "
        "selector:LabelSelector strategy:Strategy template:PodTemplate"
    },
    Type{"ReplicaSet", "spec:ReplicaSetSpec status"},
    Type{"ReplicaSetSpec", "minReadySeconds replicas selector:LabelSelector template:PodTemplate"},
    Type{"Strategy", "rollingUpdate:RollingUpdate type"},
    Type{"RollingUpdate", "maxSurge maxUnavailable"},
    Type{"PodTemplate", "metadata:Meta spec:PodSpec"},
    Type{
        "PodSpec",
        "activeDeadlineSeconds affinity automountServiceAccountToken containers:Container "
        "dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC "
        "hostNetwork hostPID hostUsers hostname imagePullSecrets initContainers:Container nodeName "
        "nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates "
        "resourceClaims resources restartPolicy runtimeClassName schedulerName schedulingGates "
        "securityContext:PodSecurity serviceAccount serviceAccountName setHostnameAsFQDN "
        "shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations "
        "topologySpreadConstraints:Spread volumes:Volume"
    },
    Type{
        "Spread",
        "labelSelector:LabelSelector matchLabelKeys maxSkew minDomains nodeAffinityPolicy "
        "nodeTaintsPolicy topologyKey whenUnsatisfiable"
    },
    Type{
        "PodSecurity",
        "appArmorProfile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser "
        "seLinuxChangePolicy seLinuxOptions seccompProfile:Seccomp supplementalGroups "
        "supplementalGroupsPolicy sysctls windowsOptions"
    },
    Type{"Seccomp", "localhostProfile type"},
    Type{
        "Container",
        "args command env:Env envFrom image imagePullPolicy lifecycle livenessProbe:Probe name "
        "ports:ContainerPort readinessProbe:Probe resizePolicy resources:Resources restartPolicy "
        "securityContext:Security startupProbe:Probe stdin stdinOnce terminationMessagePath "
        "terminationMessagePolicy tty volumeDevices volumeMounts:VolumeMount workingDir"
    },
    Type{"Env", "name value valueFrom:EnvSource"},
    Type{"EnvSource", "configMapKeyRef fieldRef resourceFieldRef secretKeyRef"},
    Type{
        "Probe",
        "exec failureThreshold grpc httpGet:HttpGet initialDelaySeconds periodSeconds "
        "successThreshold tcpSocket terminationGracePeriodSeconds timeoutSeconds"
    },
    Type{"HttpGet", "host httpHeaders path port scheme"},
    Type{"ContainerPort", "containerPort hostIP hostPort name protocol"},
    Type{"Resources", "claims limits requests"},
    Type{
        "Security",
        "allowPrivilegeEscalation appArmorProfile capabilities:Capabilities privileged procMount "
        "readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions "
        "seccompProfile:Seccomp windowsOptions"
    },
    Type{"Capabilities", "add drop"},
    Type{
        "VolumeMount",
        "mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr"
    },
    Type{
        "Volume",
        "awsElasticBlockStore azureDisk azureFile cephfs cinder configMap:ConfigMapVolume csi "
        "downwardAPI emptyDir ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs "
        "hostPath image iscsi name nfs persistentVolumeClaim photonPersistentDisk portworxVolume "
        "projected quobyte rbd scaleIO secret:SecretVolume storageos vsphereVolume"
    },
    Type{"ConfigMapVolume", "defaultMode items:Item name optional"},
    Type{"SecretVolume", "defaultMode items:Item optional secretName"},
    Type{"Item", "key mode path"},

    Type{"NetworkPolicy", "spec:NetworkPolicySpec"},
    Type{"NetworkPolicySpec", "egress ingress:IngressRule podSelector:LabelSelector policyTypes"},
    Type{"IngressRule", "from ports:PolicyPort"},
    Type{"PolicyPort", "endPort port protocol"},

    Type{"Ingress", "spec:IngressSpec status"},
    Type{"IngressSpec", "defaultBackend ingressClassName rules:HostRule tls:IngressTls"},
    Type{"HostRule", "host http:HttpRule"},
    Type{"HttpRule", "paths:HttpPath"},
    Type{"HttpPath", "backend:Backend path pathType"},
    Type{"Backend", "resource service:BackendService"},
    Type{"BackendService", "name port:BackendPort"},
    Type{"BackendPort", "name number"},
    Type{"IngressTls", "hosts secretName"},

    Type{"HorizontalPodAutoscaler", "spec:AutoscalerSpec status"},
    Type{
        "AutoscalerSpec",
        "behavior maxReplicas metrics:Metric minReplicas scaleTargetRef:ScaleTarget"
    },
    Type{"Metric", "containerResource external object pods resource:ResourceMetric type"},
    Type{"ResourceMetric", "name target:MetricTarget"},
    Type{"MetricTarget", "averageUtilization averageValue type value"},
    Type{"ScaleTarget", "apiVersion kind name"},

    Type{"PodDisruptionBudget", "spec:BudgetSpec status"},
    Type{
        "BudgetSpec",
        "maxUnavailable minAvailable selector:LabelSelector unhealthyPodEvictionPolicy"
    },

    Type{"ServiceMonitor", "spec"},
    Type{"PrometheusRule", "spec"},
};

const Type* type_named(std::string_view name) {
    const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [name](const Type& type) {
        return type.name == name;
    });
    return found == kTypes.end() ? nullptr : found;
}

// The type of what the field holds, "" any; nullopt: there is no such field.
std::optional<std::string_view> holds(const Type& type, std::string_view field) {
    for (const std::string_view known : split(type.fields, ' ')) {
        const std::size_t colon = known.find(':');
        if (known.substr(0, colon) == field) {
            return colon == std::string_view::npos ? std::string_view() : known.substr(colon + 1);
        }
    }
    return std::nullopt;
}

std::string look(const Type& type, const json& value, const std::string& path) {
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            std::string found = look(type, value[i], path + "[" + std::to_string(i) + "]");
            if (!found.empty()) {
                return found;
            }
        }
        return "";
    }
    if (!value.is_object()) {
        return "";
    }
    for (const auto& [name, member] : value.items()) {
        const std::string here = path.empty() ? name : path + "." + name;
        const bool common = path.empty() && (name == "apiVersion" || name == "kind");
        const auto held = path.empty() && name == "metadata"
                              ? std::optional<std::string_view>("Meta")
                              : holds(type, name);
        if (!held && !common) {
            return here;
        }
        if (const Type* below = held ? type_named(*held) : nullptr) {
            std::string found = look(*below, member, here);
            if (!found.empty()) {
                return found;
            }
        }
    }
    return "";
}

}  // namespace

std::string unknown_field(std::string_view kind, const json& object) {
    const Type* type = type_named(kind);
    return type == nullptr ? "" : look(*type, object, "");
}

}  // namespace meshscope::demo
